"""A phone with Sensor Logger: the bodies it posts."""

import json
from collections.abc import Sequence
from itertools import count
from uuid import UUID

from app.simulate.drive import Sample


class Phone:
    """One recording session. Other sensors are in its bodies, too, as they are in real ones."""

    def __init__(self, device_id: str, session: UUID) -> None:
        self.device_id = device_id
        self._session = str(session)
        self._numbers = count(1)

    def body(self, samples: Sequence[tuple[int, Sample]]) -> bytes:
        """A message with fixes, given with their epoch nanoseconds."""
        payload = [self._location(at_ns, sample) for at_ns, sample in samples]
        motion = {"name": "accelerometer", "time": samples[-1][0], "values": {"x": 0.01, "y": -0.02, "z": 0.98}}
        message = {
            "messageId": next(self._numbers),
            "sessionId": self._session,
            "deviceId": self.device_id,
            "payload": [motion, *payload],
        }
        return json.dumps(message).encode()

    @staticmethod
    def _location(at_ns: int, sample: Sample) -> dict[str, object]:
        return {
            "name": "location",
            "time": at_ns,
            "values": {
                "latitude": round(sample.latitude, 7),
                "longitude": round(sample.longitude, 7),
                "altitude": round(sample.altitude_m, 1),
                "speed": round(sample.speed_mps, 2),
                "speedAccuracy": 0.5,
                "bearing": round(sample.bearing_deg, 1),
                "bearingAccuracy": -1,
                "horizontalAccuracy": round(sample.accuracy_m, 1),
                "verticalAccuracy": 3.0,
            },
        }
