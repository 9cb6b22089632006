"""Low-rank adapters beside a linear layer, plain or quantized."""

import mlx.core as mx
import mlx.nn as nn


class LoRALinear(nn.Module):
    """A linear layer plus the product of two thin matrices."""

    def __init__(self, linear, rank: int = 4, scale: float = 2.0):
        super().__init__()
        output_dims, input_dims = linear.weight.shape
        if isinstance(linear, nn.QuantizedLinear):
            input_dims = input_dims * 32 // linear.bits
        self.linear = linear
        self.scale = scale
        self.lora_a = mx.random.normal((input_dims, rank)) * 0.1
        self.lora_b = mx.random.normal((rank, output_dims)) * 0.1

    def __call__(self, x):
        return self.linear(x) + self.scale * ((x @ self.lora_a) @ self.lora_b)

    def fuse(self):
        """Return one linear layer of the same kind that does the work of both."""
        linear = self.linear
        weight = linear.weight
        if isinstance(linear, nn.QuantizedLinear):
            weight = mx.dequantize(
                weight,
                linear.scales,
                linear.biases,
                linear.group_size,
                linear.bits,
            )
        delta = self.scale * (self.lora_a @ self.lora_b).T
        output_dims, input_dims = weight.shape
        fused = nn.Linear(input_dims, output_dims, bias=False)
        fused.weight = weight.astype(mx.float32) + delta
        if isinstance(linear, nn.QuantizedLinear):
            return nn.QuantizedLinear.from_linear(fused, linear.group_size, linear.bits)
        return fused
