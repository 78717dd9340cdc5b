// What face-api itself says, in node with the wasm backend, of raw RGB pictures named in the standard input.
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const load = createRequire(path.resolve(process.argv[2]) + '/');
const tf = load('@tensorflow/tfjs');
load('@tensorflow/tfjs-backend-wasm');
const faceapi = load('@vladmandic/face-api/dist/face-api.node-wasm.js');

async function look({ file, width, height, box }) {
  const picture = tf.tensor3d(new Uint8Array(fs.readFileSync(file)), [height, width, 3], 'int32');
  const shares = box && new faceapi.Rect(box[0] * (1 / width), box[1] * (1 / height), box[2] * (1 / width), box[3] * (1 / height));
  const found = box
    ? new faceapi.DetectSingleFaceLandmarksTask(
      Promise.resolve({ detection: new faceapi.FaceDetection(1, shares, { width, height }) }), picture, false)
    : faceapi.detectSingleFace(picture).withFaceLandmarks();
  const result = await found.withFaceExpressions().withAgeAndGender();
  picture.dispose();
  if (!result) return null;
  const { detection, age, gender, genderProbability, expressions } = result;
  return { score: detection.score, age, gender, genderProbability, expressions };
}

async function main() {
  await tf.setBackend('wasm');
  await tf.ready();
  const model = path.join(path.dirname(load.resolve('@vladmandic/face-api/package.json')), 'model');
  const { ssdMobilenetv1, faceLandmark68Net, ageGenderNet, faceExpressionNet } = faceapi.nets;
  for (const net of [ssdMobilenetv1, faceLandmark68Net, ageGenderNet, faceExpressionNet]) await net.loadFromDisk(model);
  const answers = [];
  for (const job of JSON.parse(fs.readFileSync(0, 'utf8'))) answers.push(await look(job));
  fs.writeFileSync(process.argv[3], JSON.stringify(answers));
}

main();
