"""Writing a network down as ONNX, layer by layer, from TensorFlow's weights.

TensorFlow's padding `same` puts the odd row and column of a stride of 2 below and to the right when the size
is even, as all sizes here are. It is written out as such: what `SAME_UPPER` means differs between runtimes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 17
IR_VERSION = 8
SAME = {1: [1, 1, 1, 1], 2: [0, 0, 1, 1]}
"""Padding (top, left, bottom, right) of a kernel of 3 by 3, by stride."""


class Graph:
    """An ONNX graph in the making. Every layer takes and returns the name of a tensor, batch by channel first."""

    def __init__(self, shape: list[int]) -> None:
        """Start with an input of a shape: channels, height, width."""
        from onnx import TensorProto, helper

        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._input = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])
        self.input = "input"

    def conv(
        self, x: str, filters: NDArray[np.float32], bias: NDArray[np.float32], *, stride: int = 1
    ) -> str:
        """A convolution with filters (height, width, in, out), padded as `same`."""
        kernel = filters.shape[0]
        return self._add(
            "Conv",
            [x, self._constant(filters.transpose(3, 2, 0, 1)), self._constant(bias)],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=SAME[stride] if kernel > 1 else [0, 0, 0, 0],
        )

    def depthwise(
        self,
        x: str,
        filters: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        *,
        stride: int = 1,
    ) -> str:
        """A convolution of 3 by 3 of each channel by itself, filters (height, width, in, 1)."""
        inputs = [x, self._constant(filters.transpose(2, 3, 0, 1))]
        return self._add(
            "Conv",
            inputs if bias is None else [*inputs, self._constant(bias)],
            group=filters.shape[2],
            kernel_shape=[3, 3],
            strides=[stride, stride],
            pads=SAME[stride],
        )

    def relu(self, x: str) -> str:
        """Negative values become 0."""
        return self._add("Relu", [x])

    def relu6(self, x: str) -> str:
        """Values below 0 become 0, above 6 become 6."""
        return self._add("Clip", [x, self._constant(np.float32(0)), self._constant(np.float32(6))])

    def add(self, *tensors: str) -> str:
        """The sum, from the right, as the networks add their branches."""
        *rest, total = tensors
        for x in reversed(rest):
            total = self._add("Add", [x, total])
        return total

    def max_pool(self, x: str) -> str:
        """The maximum of 3 by 3 at every second place, padded as `same`."""
        return self._add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=SAME[2])

    def mean(self, x: str) -> str:
        """The mean of each channel: batch by channels."""
        return self._add("Flatten", [self._add("GlobalAveragePool", [x])])

    def dense(self, x: str, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """A fully connected layer, weights (in, out)."""
        return self._add("Gemm", [x, self._constant(weights), self._constant(bias)])

    def softmax(self, x: str) -> str:
        """Probabilities over the last axis."""
        return self._add("Softmax", [x], axis=-1)

    def sigmoid(self, x: str) -> str:
        """Values squeezed into 0 to 1."""
        return self._add("Sigmoid", [x])

    def rows(self, x: str, columns: int) -> str:
        """A map laid out as rows: batch by (height x width x anchors) by columns."""
        last = self._add("Transpose", [x], perm=[0, 2, 3, 1])
        return self._add("Reshape", [last, self._constant(np.array([0, -1, columns], dtype=np.int64))])

    def concat(self, tensors: list[str]) -> str:
        """Tensors one after the other, along the second axis."""
        return self._add("Concat", tensors, axis=1)

    def session(self, outputs: list[str]) -> Any:
        """An onnxruntime session with these outputs, in one thread, so that its sums have one order."""
        import onnxruntime
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            self._nodes,
            "network",
            [self._input],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self._constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def _add(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        from onnx import helper

        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, value: NDArray[Any] | np.float32) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(
            numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        )
        return name
