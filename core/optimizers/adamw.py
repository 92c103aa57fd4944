"""AdamW (Loshchilov & Hutter 2019): θ ← θ (1 − η λ), then Adam's update from the gradient without λθ.

With Adam itself the decay λθ goes through the gradient, and is divided by √v with it: weights whose gradients are large hardly decay.
Here all shrink alike.
"""

from core.optimizers.adam import Adam


class AdamW(Adam):
    """Adam with weight decay that stands apart from the gradient."""

    name = "adamw"
    title = "AdamW"
    order = 35
    decouples_weight_decay = True


OPTIMIZER = AdamW()
