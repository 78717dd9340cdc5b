// What Human itself says, in node with the wasm backend, of raw RGB pictures named in the standard input.
// Usage: node human_reference.cjs MODULES ANSWERS.json human|gear|ssrnet. Networks are read over HTTP, from loopback.
const fs = require('fs');
const http = require('http');
const path = require('path');
const { createRequire } = require('module');

const modules = path.resolve(process.argv[2], 'node_modules');
const load = createRequire(`${path.resolve(process.argv[2])}/`);
load('@tensorflow/tfjs');
load('@tensorflow/tfjs-backend-wasm');
const { Human } = require(path.join(modules, '@vladmandic/human/dist/human.node-wasm.js'));

function serve() {
  const server = http.createServer((request, response) => {
    const file = path.join(modules, '@vladmandic', path.normalize(request.url));
    if (!fs.existsSync(file)) response.statusCode = 404;
    response.end(fs.existsSync(file) ? fs.readFileSync(file) : '');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function main() {
  const server = await serve();
  const base = `http://127.0.0.1:${server.address().port}/`;
  const others = `${base}human-models/models/`;
  const off = { enabled: false };
  const more = {
    human: {},
    gear: { gear: { enabled: true, modelPath: `${others}gear.json` } },
    ssrnet: { ssrnet: { enabled: true, modelPathAge: `${others}age.json`, modelPathGender: `${others}gender.json` } },
  }[process.argv[4]];
  const human = new Human({
    backend: 'wasm',
    wasmPath: path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/'),
    modelBasePath: `${base}human/models/`,
    cacheSensitivity: 0,
    face: { iris: off, ...more },
    body: off, hand: off, object: off, gesture: off, segmentation: off,
  });
  await human.load();
  const answers = [];
  for (const { file, width, height } of JSON.parse(fs.readFileSync(0, 'utf8'))) {
    const picture = human.tf.tensor3d(new Uint8Array(fs.readFileSync(file)), [height, width, 3], 'int32');
    const [face] = (await human.detect(picture)).face;
    answers.push(face ? { score: face.boxScore, age: face.age, gender: face.gender, emotion: face.emotion } : null);
    human.tf.dispose(picture);
  }
  server.close();
  fs.writeFileSync(process.argv[3], JSON.stringify(answers));
}

main();
