"""Encoders: what turns token vectors into states that know their context."""

from attnclf.encoders import bilstm as bilstm
from attnclf.encoders import window as window
from attnclf.encoders.base import ENCODERS as ENCODERS
from attnclf.encoders.base import Encoder as Encoder
