"""What a training needs to go on after it was interrupted or killed, kept beside the model's place until the model is there.

`states` is what is kept, `identity` says of which training it is, `store` is the folder, `keeping` is what training talks to.
"""

from attnclf.checkpoint.identity import Identity, Machine
from attnclf.checkpoint.keeping import OF_CHECKPOINTS, Checkpoints
from attnclf.checkpoint.states import Arrays, NetworkState, TrainingState
from attnclf.checkpoint.store import ANEW

__all__ = ["ANEW", "OF_CHECKPOINTS", "Arrays", "Checkpoints", "Identity", "Machine", "NetworkState", "TrainingState"]
