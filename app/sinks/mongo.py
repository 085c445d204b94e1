"""The MongoDB sink. No other file imports its driver: motor is past its end of life, and PyMongo's replaces it here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from bson.decimal128 import Decimal128
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings
from app.sinks.base import Dataset, RejectedDocument, WriteResult
from app.sinks.retention import MonthPartition
from schemas.stored_document import StoredDocument
from schemas.verdict import Verdict

COLLECTIONS: Final = MappingProxyType(
    {Dataset.VERDICTS: "verdicts", Dataset.SUSPECTS: "potential_fraud_transactions", Dataset.FEEDBACK: "feedback"}
)
REQUEST_TIMEOUT_MS: Final = 5_000
DUPLICATE_KEY: Final = 11_000
AUTH_ERRORS: Final = frozenset({13, 18})
"""Codes `Unauthorized` and `AuthenticationFailed`."""

DOCUMENT_ERRORS: Final = frozenset({2, 10_334, 16_755})
"""Codes for a bad value, an oversized document and invalid coordinates, which no retry can repair. Any other error (a
full disk, a change of the primary, a validation rule) would also hit the next document.
"""

INDEXES: Final = (
    IndexModel([("occurred_at", DESCENDING)]),
    IndexModel([("card_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("user_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("device_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("merchant_id", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("point", "2dsphere")]),
)
FEEDBACK_INDEXES: Final = (
    IndexModel([("given_us", DESCENDING)]),
    IndexModel([("occurred_at", DESCENDING)]),
    IndexModel([("device_token", ASCENDING), ("occurred_at", DESCENDING)]),
)


class MongoSink:
    """Documents in MongoDB. Each is the record as published, with typed fields to query by added."""

    def __init__(self, settings: Settings) -> None:
        ca_file = settings.mongo_ca_file
        trust: dict[str, Any] = {} if ca_file is None else {"tls": True, "tlsCAFile": str(ca_file)}
        try:
            self._client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
                settings.mongo,
                serverSelectionTimeoutMS=REQUEST_TIMEOUT_MS,
                socketTimeoutMS=4 * REQUEST_TIMEOUT_MS,
                **trust,
            )
        except (PyMongoError, ValueError) as error:
            raise ConfigurationError(
                f"GEOVELOCITY_MONGO_URL cannot be used ({type(error).__name__}): write it as mongodb://user:password@host"
            ) from None
        self._database = self._client[settings.namespace]

    async def prepare(self) -> None:
        for dataset in Dataset:
            indexes = FEEDBACK_INDEXES if dataset is Dataset.FEEDBACK else INDEXES
            try:
                await self._collection(dataset).create_indexes(list(indexes))
            except PyMongoError as error:
                unavailable = _unavailable(error)
                raise ConfigurationError(str(unavailable)) if _is_auth_error(error) else unavailable from None

    async def store(self, dataset: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        if not documents:
            return WriteResult()
        try:
            await self._collection(dataset).bulk_write([_upsert(one) for one in documents], ordered=False)
        except BulkWriteError as error:
            return write_result(error.details, documents)
        except PyMongoError as error:
            raise _unavailable(error) from None
        return WriteResult(stored=len(documents))

    async def erase(self, dataset: Dataset, device_tokens: Collection[str]) -> int:
        return await self._delete(dataset, _device_filter(device_tokens))

    async def expire(self, dataset: Dataset, before: MonthPartition) -> int:
        return await self._delete(dataset, {"occurred_at": {"$lt": before.start}})

    async def _delete(self, dataset: Dataset, query: Mapping[str, Any]) -> int:
        try:
            deleted = await self._collection(dataset).delete_many(query)
        except PyMongoError as error:
            raise _unavailable(error) from None
        return deleted.deleted_count

    async def count(self, dataset: Dataset, device_tokens: Collection[str] | None = None) -> int:
        query = {} if device_tokens is None else _device_filter(device_tokens)
        try:
            return await self._collection(dataset).count_documents(query)
        except PyMongoError as error:
            raise _unavailable(error) from None

    async def find(self, dataset: Dataset) -> dict[str, dict[str, Any]]:
        """Return every document by id. It reads the whole collection: use it for checks and small collections."""
        try:
            return {document["_id"]: document async for document in self._collection(dataset).find()}
        except PyMongoError as error:
            raise _unavailable(error) from None

    async def close(self) -> None:
        self._client.close()

    def _collection(self, dataset: Dataset) -> "AsyncIOMotorCollection[dict[str, Any]]":
        durable = WriteConcern(w="majority", j=True)
        return self._database.get_collection(COLLECTIONS[dataset], write_concern=durable)


def _device_filter(device_tokens: Collection[str]) -> dict[str, Any]:
    return {"device_token": {"$in": sorted(device_tokens)}}


def _upsert(one: StoredDocument) -> ReplaceOne[dict[str, Any]]:
    """Replace an older version or insert. Where a newer version exists, the insert fails as a duplicate key."""
    version = "revision" if isinstance(one, Verdict) else "given_us"
    return ReplaceOne({"_id": one.id, version: {"$lt": one.version}}, _document(one), upsert=True)


def _document(one: StoredDocument) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(one)
    document["_id"] = document.pop("id")
    document["occurred_at"] = datetime.fromisoformat(one.timestamp)
    if not isinstance(one, Verdict):
        document["given_us"] = one.version
        return document
    document["amount_decimal"] = Decimal128(one.amount)
    if one.place is not None:
        document["point"] = {"type": "Point", "coordinates": [one.place.lon, one.place.lat]}
    return document


def write_result(details: Mapping[str, Any], documents: Sequence[StoredDocument]) -> WriteResult:
    """Return the result of a write from the details of a bulk error.

    A duplicate key counts as stale: the store holds that version or a newer one.

    Raises:
        UnavailableError: some documents failed for a reason that can pass.
    """
    if details.get("writeConcernErrors"):
        raise UnavailableError("MongoDB has not confirmed a write on a majority of its members: the write is retried")
    errors = [error for error in details.get("writeErrors", ()) if error["code"] != DUPLICATE_KEY]
    if transient := {error["code"] for error in errors} - DOCUMENT_ERRORS:
        raise UnavailableError(
            f"MongoDB does not accept documents now (code {min(transient)}): if this lasts, check its log and the "
            "rights of the user in GEOVELOCITY_MONGO_URL"
        )
    rejected = tuple(RejectedDocument(documents[error["index"]], f"code {error['code']}") for error in errors)
    stale = len(details.get("writeErrors", ())) - len(rejected)
    return WriteResult(len(documents) - stale - len(rejected), stale, rejected)


def _unavailable(error: PyMongoError) -> UnavailableError:
    # The driver's message can quote documents and addresses: pass on the error type only.
    if _is_auth_error(error):
        return UnavailableError(
            "MongoDB rejected the credentials: check the user and password in GEOVELOCITY_MONGO_URL"
        )
    if "CERTIFICATE_VERIFY_FAILED" in str(error):  # the driver has no error type for it
        return UnavailableError(
            "MongoDB's certificate is not trusted: set GEOVELOCITY_MONGO_CA_FILE to the certificate of its authority"
        )
    return UnavailableError(
        f"MongoDB does not answer ({type(error).__name__}): start it (`make up`) or set GEOVELOCITY_MONGO_URL"
    )


def _is_auth_error(error: PyMongoError) -> bool:
    return isinstance(error, OperationFailure) and error.code in AUTH_ERRORS
