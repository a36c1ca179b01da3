"""The two phases of the autoencoder's training, on a few pictures."""

from __future__ import annotations

import torch
from gems.training import autoencoder


def test_finishing_leaves_the_encoder_alone_and_a_resumed_training_does_the_same() -> None:
    one = autoencoder.Trainer(5 * autoencoder.BATCH)
    while one.done < one.first:
        one.step()
    assert one.done == 4
    kept = {name: value.clone() for name, value in one.vae.state_dict().items()}
    two = autoencoder.Trainer(5 * autoencoder.BATCH, seed=9)
    two.load(one.state())
    for trainer in (one, two):
        random = torch.get_rng_state()
        trainer.step()
        torch.set_rng_state(random)
    for name, value in one.vae.state_dict().items():
        assert torch.equal(value, two.vae.state_dict()[name])
        assert torch.equal(value, kept[name]) == (not name.startswith("decoder")), name
