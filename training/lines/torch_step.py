"""A training step by PyTorch's own means: the same as Keras takes, without its waiting for a GPU.

Keras updates one variable after the other, some ten operations each, and asks for the loss at every
step; a GPU is idle meanwhile. Here variables of one shape are updated together and nothing waits.
PyTorch is imported where it is used: who trains on a GPU has it, this project does not ask for it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from training.lines.batches import Batch
from training.lines.loss import ctc_loss_per_character


def learn(net: Any, optimizer: Any, batch: Batch, rate: float, step: int) -> Any:
    """One step; returns the loss a character, a tensor that may not be computed yet.

    Args:
        net: the network.
        optimizer: a ConvolutionMuon, built on the network's variables.
        batch: what to learn.
        rate: of learning.
        step: steps before this one. The optimizer counts them too, but on the GPU.
    """
    import torch  # type: ignore[import-not-found,unused-ignore]

    device = net.trainable_weights[0].value.device
    image, steps, labels, length = (
        torch.from_numpy(a).to(device, non_blocking=True)
        for a in (batch.image, batch.steps, batch.labels, batch.label_length)
    )
    logits = net(image.to(torch.float32) / 255.0, training=True).float()
    loss = ctc_loss_per_character(logits, labels, length, steps)
    parameters = [variable.value for variable in net.trainable_weights]
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        apply_at_once(optimizer, gradients, rate, step)
    return loss.detach()


def apply_at_once(optimizer: Any, grads: Any, rate: float, step: int) -> None:
    """What a ConvolutionMuon does to its variables, of one shape at a time.

    It keeps its state where Keras keeps it, so that a checkpoint is read by any backend.
    """
    import torch  # type: ignore[import-not-found,unused-ignore]

    variables = optimizer._trainable_variables
    values = [v.value for v in variables]
    momenta = [m.value for m in optimizer.momentums]
    gradients = _clipped(grads, optimizer.clipnorm)
    adam = [k for k, v in enumerate(optimizer.adam_velocities) if v is not None]
    muon: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for k in set(range(len(values))) - set(adam):
        muon[tuple(values[k].shape)].append(k)
    torch._foreach_mul_(values, 1.0 - rate * optimizer.weight_decay)
    for members in muon.values():
        _muon(optimizer, rate, *([a[k] for k in members] for a in (values, gradients, momenta)))
    velocities = [optimizer.adam_velocities[k].value for k in adam]
    parts = [[a[k] for k in adam] for a in (values, gradients, momenta)]
    _adam(optimizer, rate, step + 1, [*parts, velocities])
    averages = [v.value for v in optimizer._model_variables_moving_average]
    torch._foreach_lerp_(averages, values, 1.0 - (optimizer.ema_momentum if step else 0.0))
    optimizer.iterations.assign_add(1)


def _clipped(grads: Any, most: float) -> list[Any]:
    import torch  # type: ignore[import-not-found,unused-ignore]

    norms = torch._foreach_norm(list(grads))
    factors = torch._foreach_reciprocal(torch._foreach_add(norms, 1e-12))
    factors = torch._foreach_clamp_max(torch._foreach_mul(factors, most), 1.0)
    return list(torch._foreach_mul(list(grads), factors))


def _muon(optimizer: Any, rate: float, values: Any, gradients: Any, momenta: Any) -> None:
    import torch  # type: ignore[import-not-found,unused-ignore]

    torch._foreach_mul_(momenta, optimizer.momentum)
    torch._foreach_add_(momenta, gradients)
    steps = torch.stack(torch._foreach_add(gradients, momenta, alpha=optimizer.momentum))
    matrices = steps.reshape(len(values), -1, steps.shape[-1])
    turned = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if turned else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(optimizer.ns_steps):
        square = x @ x.transpose(1, 2)
        x = (
            optimizer.muon_a * x
            + (optimizer.muon_b * square + optimizer.muon_c * square @ square) @ x
        )
    x = x.transpose(1, 2) if turned else x
    scale = rate * optimizer.rms_rate * max(matrices.shape[1:]) ** 0.5
    torch._foreach_sub_(values, list((scale * x).reshape(steps.shape).unbind()))


def _adam(optimizer: Any, rate: float, step: int, parts: list[list[Any]]) -> None:
    import torch  # type: ignore[import-not-found,unused-ignore]

    values, gradients, momenta, velocities = parts
    b1, b2 = optimizer.adam_beta_1, optimizer.adam_beta_2
    torch._foreach_lerp_(momenta, gradients, 1.0 - b1)
    torch._foreach_mul_(velocities, b2)
    torch._foreach_addcmul_(velocities, gradients, gradients, 1.0 - b2)
    roots = torch._foreach_add(torch._foreach_sqrt(velocities), optimizer.epsilon)
    alpha = rate * optimizer.adam_lr_ratio * (1.0 - b2**step) ** 0.5 / (1.0 - b1**step)
    torch._foreach_addcdiv_(values, momenta, roots, -alpha)
