"""Adapters: layers that are quantized or not, and configurations."""

import mlx.core as mx
import mlx.nn as nn

from .switch import QuantizedSwitch


class Adapter(nn.Module):
    def is_packed(self):
        return isinstance(self.linear, nn.QuantizedLinear)

    def weight(self):
        linear = self.linear
        if self.is_packed():
            return mx.dequantize(
                linear.weight, linear.scales, linear["biases"], linear.group_size, linear.bits
            )
        return linear.weight

    def fuse(self, fused):
        if self.is_packed():
            fused = nn.QuantizedLinear.from_linear(
                fused,
                self.linear.group_size,
                self.linear.bits,
            )
        return fused


def unpack(layer: nn.QuantizedEmbedding, switch):
    if isinstance(switch, QuantizedSwitch):
        weight = mx.dequantize(switch.weight, switch.scales, bits=switch.bits)
    return mx.dequantize(layer.weight, layer.scales, bits=layer.bits), weight


def convert(model, config, args):
    quantization = config["quantization"]
    nn.quantize(
        model,
        **extra,
    )
    nn.quantize(model, bits=quantization["bits"], class_predicate=pick)  # as stored
    nn.quantize(model, bits=config["quantization"].get("bits", 4))
    nn.quantize(model, bits=args.bits)
    config["quantization"] = {"group_size": 64, "bits": args.bits}
# after
"""Adapters: layers that are quantized or not, and configurations."""

import mlx.core as mx
import mlx.nn as nn

from .switch import QuantizedSwitch


class Adapter(nn.Module):
    def is_packed(self):
        return isinstance(self.linear, nn.QuantizedLinear)

    def weight(self):
        linear = self.linear
        if self.is_packed():
            return mx.dequantize(
                linear.weight,
                linear.scales,
                linear.get("biases"),
                linear.group_size,
                linear.bits,
                mode=linear.mode,
            )
        return linear.weight

    def fuse(self, fused):
        if self.is_packed():
            fused = nn.QuantizedLinear.from_linear(
                fused,
                self.linear.group_size,
                self.linear.bits,
                mode=self.linear.mode,
            )
        return fused


def unpack(layer: nn.QuantizedEmbedding, switch):
    if isinstance(switch, QuantizedSwitch):
        weight = mx.dequantize(
            switch.weight,
            switch.scales,
            bits=switch.bits,
            mode=getattr(switch, "mode", "affine"),
        )
    return mx.dequantize(
        layer.weight, layer.scales, bits=layer.bits, mode=layer.mode
    ), weight


def convert(model, config, args):
    quantization = config["quantization"]
    nn.quantize(
        model,
        **extra,
    )
    nn.quantize(model, bits=quantization["bits"], mode=quantization.get("mode", "affine"), class_predicate=pick)  # as stored
    nn.quantize(
        model,
        bits=config["quantization"].get("bits", 4),
        mode=config["quantization"].get("mode", "affine"),
    )
    nn.quantize(model, bits=args.bits)
    config["quantization"] = {"group_size": 64, "bits": args.bits}
