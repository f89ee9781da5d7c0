"""The differences between Keras' back ends: devices, precision, determinism, batches for `fit`, and sparse gradients.

This is the only file that names TensorFlow.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import keras
import numpy as np

from attnclf.errors import DeviceError


def choose_device(device: str) -> tuple[str, str]:
    """The device to use, "gpu" or "cpu", and the reason in words, for `device` = auto, cpu or gpu.

    `cpu` hides the GPUs from the back end. Raises DeviceError if `device` is gpu and there is no GPU, or if it is cpu and
    PyTorch has already taken the GPU.
    """
    backend = keras.backend.backend()
    if device == "cpu":
        _hide_gpus(backend)
        return "cpu", "as asked"
    if found := gpus(backend):
        return "gpu", f"{found[0]}, by {backend}"
    reason = f"{backend} sees no GPU"
    if device == "gpu":
        raise DeviceError(
            f"`device=gpu`: {reason} on this machine",
            hint="install the GPU build (pip install 'attnclf[gpu]'), check that nvidia-smi lists it, or use `device=cpu`",
        )
    return "cpu", reason


def gpus(backend: str) -> list[str]:
    """The names of the GPUs that this back end sees."""
    if backend == "tensorflow":
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
        return [tf.config.experimental.get_device_details(d).get("device_name", d.name) for d in devices]
    if backend == "jax":
        import jax

        return [d.device_kind for d in jax.devices() if d.platform == "gpu"]
    import torch

    return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]


def built_for_gpus(backend: str) -> bool:
    """Whether what is installed of this back end could use an NVIDIA GPU."""
    if backend == "jax":
        return any(find_spec(f"jax_cuda{version}_plugin") for version in (12, 13))
    library = import_module(backend)
    return bool(library.test.is_built_with_cuda() if backend == "tensorflow" else library.version.cuda)


def _hide_gpus(backend: str) -> None:
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.set_visible_devices([], "GPU")
    elif backend == "jax":
        import jax

        jax.config.update("jax_platforms", "cpu")
    elif gpus(backend) and os.environ.get("KERAS_TORCH_DEVICE") != "cpu":
        raise DeviceError("`device=cpu`: Keras on PyTorch takes the GPU when it starts", hint="set KERAS_TORCH_DEVICE=cpu")


def set_precision(precision: str, device: str) -> str:
    """Sets Keras' dtype policy and returns its name.

    `auto` means mixed bfloat16 if the GPU computes in bfloat16, otherwise float32. Raises DeviceError for mixed float16 on a
    CPU.
    """
    if precision == "auto":
        precision = "mixed_bfloat16" if device == "gpu" and _has_bfloat16() else "float32"
    if precision == "mixed_float16" and device == "cpu":
        raise DeviceError(
            "`precision=mixed_float16` needs a GPU, and the device is the CPU",
            hint="use `precision=mixed_bfloat16` or `precision=float32`",
        )
    keras.mixed_precision.set_global_policy(precision)
    return precision


def _has_bfloat16() -> bool:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
        return bool(details.get("compute_capability", (0, 0))[0] >= 8)
    if backend == "jax":
        import jax

        return float(getattr(jax.devices()[0], "compute_capability", 0)) >= 8.0
    import torch

    return bool(torch.cuda.is_bf16_supported())


def make_repeatable(seed: int) -> None:
    """Seeds every generator and asks for deterministic kernels: one seed then gives the same weights on the same machine."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


@contextmanager
def without_retracing_warnings() -> Iterator[None]:
    """Keeps TensorFlow from warning that functions are traced again, which each new model needs."""
    log = logging.getLogger("tensorflow")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


Batch = tuple[dict[str, np.ndarray[Any, Any]], np.ndarray[Any, Any], np.ndarray[Any, Any]]


def as_fit_input(batches: Callable[[], Iterator[Batch]]) -> Any:
    """The argument that makes `fit` run through `batches()` once per epoch. Each batch is (inputs, targets, weights).

    TensorFlow takes the time axis of a generator's first batches as a static shape, and fails when the next length differs. The
    generator therefore goes through `tf.data`, with the axis left open.
    """
    if keras.backend.backend() != "tensorflow":
        return _repeat(batches)
    import tensorflow as tf

    first = next(batches())
    spec = tf.nest.map_structure(lambda array: tf.TensorSpec([None] * array.ndim, array.dtype), first)
    dataset = tf.data.Dataset.from_generator(lambda: _repeat(batches), output_signature=spec).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False  # there is nothing to tune, and its thread is waited for, up to a minute, after training
    return dataset.with_options(options)


def _repeat(batches: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
    while True:
        yield from batches()


def without_repeats(gradient: Any) -> Any:
    """The gradient, with each row of the table at most once.

    TensorFlow's gradient of a table that was read row by row is a list of rows. A row occurs in it as often as it was read;
    here these occurrences are summed. Any other gradient is returned unchanged.
    """
    if not _is_sliced(gradient):
        return gradient
    import tensorflow as tf

    rows, row_of = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, row_of, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def rows_of(gradient: Any) -> tuple[Any, Any]:
    """Row numbers and the gradients of these rows; (None, gradient of all rows) if the gradient is not a list of rows."""
    return (gradient.indices, gradient.values) if _is_sliced(gradient) else (None, gradient)


def with_rows(rows: Any, values: Any, like: Any) -> Any:
    """The inverse of `rows_of`: a gradient like `like`, with the given values."""
    if rows is None:
        return values
    import tensorflow as tf

    return tf.IndexedSlices(values, rows, like.dense_shape)


def read_rows(variable: Any, rows: Any) -> Any:
    """Some rows of a variable, or all of them if `rows` is None.

    On TensorFlow this does not copy the other rows, which `keras.ops` would do.
    """
    if rows is None:
        return keras.ops.convert_to_tensor(variable)
    if keras.backend.backend() != "tensorflow":
        return keras.ops.take(variable, rows, axis=0)
    import tensorflow as tf

    return tf.gather(variable.value if isinstance(variable, keras.Variable) else variable, rows)


def write_rows(variable: Any, rows: Any, values: Any) -> None:
    """Writes `values` to these rows of a variable, or to all rows if `rows` is None. `rows` must not repeat a row."""
    if rows is None:
        variable.assign(values)
        return
    import tensorflow as tf

    variable = variable.value if isinstance(variable, keras.Variable) else variable
    variable.scatter_update(tf.IndexedSlices(values, rows))


def gradient_of(function: Callable[..., Any]) -> Callable[..., np.ndarray[Any, Any]]:
    """The gradient ∂ Σ function(x, …) / ∂x, as a function of the same arguments. It has the shape of x.

    On TensorFlow the result is compiled.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        def slope(x: Any, *others: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(function(x, *others))
            return tape.gradient(total, x)

        # Nothing in a model is for AutoGraph to rewrite; that would take seconds, and files in the folder for temporary ones.
        compiled = tf.function(slope, reduce_retracing=True, autograph=False)
        return lambda *arguments: np.asarray(compiled(*tf.nest.map_structure(tf.convert_to_tensor, arguments)))
    if backend == "jax":
        import jax

        grad = jax.grad(lambda x, *others: keras.ops.sum(function(x, *others)))
        return lambda *arguments: np.asarray(grad(*arguments))

    def backward(x: Any, *others: Any) -> np.ndarray[Any, Any]:
        tensor = keras.ops.convert_to_tensor(x).requires_grad_()
        keras.ops.sum(function(tensor, *keras.tree.map_structure(keras.ops.convert_to_tensor, others))).backward()
        return np.asarray(keras.ops.convert_to_numpy(tensor.grad))

    return backward


def _is_sliced(gradient: Any) -> bool:
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(gradient, tf.IndexedSlices)
