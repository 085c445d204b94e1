"""Settings of the rule and of the masking keys."""

from pathlib import Path

from pydantic import Field, SecretStr

from agents.rules.parameters import PRESETS, RuleParameters
from app.settings.process import ProcessSettings
from app.settings.state import local_keys_file


class RuleSettings(ProcessSettings):
    """Parameters of the rule, and the masking keys."""

    preset: str = Field("default", description="parameters of the rule: `default` or `paper`")
    luhn: bool = Field(default=False, description="reject card numbers that fail the Luhn check")
    keys: SecretStr = Field(
        SecretStr(""), description="masking keys id:base64,…, newest first, 32 bytes or more each; read once at start"
    )
    keys_file: Path | None = Field(
        None, description="file with the masking keys, preferred over `keys`: reloaded when it changes"
    )

    @property
    def rule_preset(self) -> RuleParameters:
        """Parameters of the rule."""
        return PRESETS[self.preset]

    @property
    def has_keys(self) -> bool:
        """Whether any masking key but the public demo key is configured."""
        return self.key_file is not None or self._has_key_text

    @property
    def key_file(self) -> Path | None:
        """The file of masking keys: the configured one, or the local one of `up --lan` where no key is configured."""
        if self.keys_file is not None or self._has_key_text or self.mode == "production":
            return self.keys_file
        local = local_keys_file(self.state_dir)
        return local if local.exists() else None

    @property
    def _has_key_text(self) -> bool:
        return bool(self.keys.get_secret_value().strip(" ,\n"))
