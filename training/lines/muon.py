"""Muon for convolutions: each step's matrix made orthogonal, so that no direction dominates it.

Keras has Muon (Jordan et al. 2024) for dense layers. A convolution's kernel is the same matrix with
its rows and channels folded into one side; depthwise kernels, scales, offsets and the last layer
stay with AdamW, as the method wants it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class ConvolutionMuon(keras.optimizers.Muon):  # type: ignore[misc]  # Keras has no type information
    """Muon on kernels (h, w, channels in, channels out), AdamW on everything else."""

    def _should_use_adamw(self, variable: Any) -> bool:
        if len(variable.shape) != 4 or "logits" in variable.path:
            return True
        return bool(min(variable.shape[-2:]) == 1)  # depthwise kernels and the first layer

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        self.assign_add(m, ops.add(gradient, m * (self.momentum - 1)))
        step = ops.add(gradient, self.momentum * m) if self.nesterov else m
        matrix = ops.reshape(step, (-1, variable.shape[-1]))
        update = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(update, variable.shape))
