"""The arguments of each function: MLX 0.32.4's, and what is added to them."""

import inspect

import pytest

from mlxport import runtime as rt
from mlxport.runtime import fast


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param(
            rt.quantize,
            "w / group_size=None bits=None mode='affine' global_scale=None * "
            "nonfinite='error' stream=None",
            id="quantize",
        ),
        pytest.param(
            rt.dequantize,
            "w / scales biases=None group_size=None bits=None mode='affine' global_scale=None "
            "dtype=None * stream=None",
            id="dequantize",
        ),
        pytest.param(
            rt.quantized_matmul,
            "x w / scales biases=None transpose=True group_size=None bits=None mode='affine' * "
            "global_scale=None stream=None",
            id="quantized_matmul",
        ),
        pytest.param(
            rt.gather_qmm,
            "x w / scales biases=None lhs_indices=None rhs_indices=None transpose=True "
            "group_size=None bits=None mode='affine' global_scale=None * sorted_indices=False "
            "stream=None",
            id="gather_qmm",
        ),
        pytest.param(
            rt.qqmm,
            "x w / scales=None group_size=None bits=None mode='nvfp4' global_scale_x=None "
            "global_scale_w=None * stream=None",
            id="qqmm",
        ),
        pytest.param(
            rt.gather_qqmm,
            "x w / scales=None lhs_indices=None rhs_indices=None group_size=None bits=None "
            "mode='nvfp4' global_scale_x=None global_scale_w=None * sorted_indices=False "
            "stream=None",
            id="gather_qqmm",
        ),
        pytest.param(
            fast.scaled_dot_product_attention,
            "q k v * scale mask=None sinks=None force_fused=False window=None stream=None",
            id="scaled_dot_product_attention",
        ),
        pytest.param(
            fast.quantized_scaled_dot_product_attention,
            "q k v * scale mask=None sinks=None window=None group_size=None bits=None "
            "mode='affine' k_global_scale=None v_global_scale=None stream=None",
            id="quantized_scaled_dot_product_attention",
        ),
        pytest.param(rt.to_fp8, "x / * stream=None", id="to_fp8"),
        pytest.param(rt.from_fp8, "x / dtype='bfloat16' * stream=None", id="from_fp8"),
    ],
)
def test_arguments(function, expected):
    signature = inspect.signature(function)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    bare = inspect.Signature(plain)
    assert str(bare) == "(" + ", ".join(expected.split()) + ")"
