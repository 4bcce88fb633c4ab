"""Figures sent by mail at times that people choose: when, what, and that it is sent once."""

from engine.delivering.schedule import Rhythm, following
from engine.delivering.service import KIND, Deliveries, Delivery, Made, Papers
from engine.delivering.task import TASK, DeliveryTask

__all__ = [
    "KIND",
    "TASK",
    "Deliveries",
    "Delivery",
    "DeliveryTask",
    "Made",
    "Papers",
    "Rhythm",
    "following",
]
