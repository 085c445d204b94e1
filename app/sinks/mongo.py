"""MongoDB. The only file that knows its driver: motor is past its end of life, PyMongo's own will follow it here."""

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
ANSWER_WITHIN_MS: Final = 5_000
DUPLICATE_KEY: Final = 11_000
NOT_LET_IN: Final = frozenset({13, 18})

FAULTS_OF_A_DOCUMENT: Final = frozenset({2, 10_334, 16_755})
"""A bad value, a document too large, a place that is none: no waiting mends those. Anything else (a full disk, a change
of the primary, a validation rule of somebody else) would meet the next document, too.
"""

INDEXES: Final = (
    IndexModel([("occurred_at", DESCENDING)]),
    IndexModel([("card_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("user_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("device_token", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("merchant_id", ASCENDING), ("occurred_at", DESCENDING)]),
    IndexModel([("point", "2dsphere")]),
)
INDEXES_OF_FEEDBACK: Final = (
    IndexModel([("given_us", DESCENDING)]),
    IndexModel([("occurred_at", DESCENDING)]),
    IndexModel([("device_token", ASCENDING), ("occurred_at", DESCENDING)]),
)


class MongoSink:
    """Documents in MongoDB: each the record as published, with typed fields beside to query by."""

    def __init__(self, settings: Settings) -> None:
        ca_file = settings.mongo_ca_file
        trust: dict[str, Any] = {} if ca_file is None else {"tls": True, "tlsCAFile": str(ca_file)}
        try:
            self._client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
                settings.mongo, serverSelectionTimeoutMS=ANSWER_WITHIN_MS, socketTimeoutMS=4 * ANSWER_WITHIN_MS, **trust
            )
        except (PyMongoError, ValueError) as error:
            raise ConfigurationError(
                f"GEOVELOCITY_MONGO_URL cannot be used ({type(error).__name__}): write it as mongodb://user:password@host"
            ) from None
        self._database = self._client[settings.namespace]

    async def prepare(self) -> None:
        for shelf in Dataset:
            indexes = INDEXES_OF_FEEDBACK if shelf is Dataset.FEEDBACK else INDEXES
            try:
                await self._collection(shelf).create_indexes(list(indexes))
            except PyMongoError as error:
                unavailable = _unavailable(error)
                raise ConfigurationError(str(unavailable)) if _not_let_in(error) else unavailable from None

    async def store(self, shelf: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        if not documents:
            return WriteResult()
        try:
            await self._collection(shelf).bulk_write([_replace(one) for one in documents], ordered=False)
        except BulkWriteError as error:
            return write_result(error.details, documents)
        except PyMongoError as error:
            raise _unavailable(error) from None
        return WriteResult(stored=len(documents))

    async def erase(self, shelf: Dataset, device_tokens: Collection[str]) -> int:
        return await self._delete(shelf, _of_devices(device_tokens))

    async def expire(self, shelf: Dataset, before: MonthPartition) -> int:
        return await self._delete(shelf, {"occurred_at": {"$lt": before.start}})

    async def _delete(self, shelf: Dataset, wanted: Mapping[str, Any]) -> int:
        try:
            deleted = await self._collection(shelf).delete_many(wanted)
        except PyMongoError as error:
            raise _unavailable(error) from None
        return deleted.deleted_count

    async def count(self, shelf: Dataset, device_tokens: Collection[str] | None = None) -> int:
        wanted = {} if device_tokens is None else _of_devices(device_tokens)
        try:
            return await self._collection(shelf).count_documents(wanted)
        except PyMongoError as error:
            raise _unavailable(error) from None

    async def find(self, shelf: Dataset) -> dict[str, dict[str, Any]]:
        """Every document by id. For checks and small collections: it reads all of them."""
        try:
            return {document["_id"]: document async for document in self._collection(shelf).find()}
        except PyMongoError as error:
            raise _unavailable(error) from None

    async def close(self) -> None:
        self._client.close()

    def _collection(self, shelf: Dataset) -> "AsyncIOMotorCollection[dict[str, Any]]":
        durable = WriteConcern(w="majority", j=True)
        return self._database.get_collection(COLLECTIONS[shelf], write_concern=durable)


def _of_devices(device_tokens: Collection[str]) -> dict[str, Any]:
    return {"device_token": {"$in": sorted(device_tokens)}}


def _replace(one: StoredDocument) -> ReplaceOne[dict[str, Any]]:
    """Replaces an older version; where a newer one is, nothing matches and the insert is refused as a duplicate."""
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
    """What became of the documents, from the details of a bulk error.

    A duplicate is no refusal: the store has that version or a newer one.

    Raises:
        UnavailableError: some were not taken for a reason that may pass.
    """
    if details.get("writeConcernErrors"):
        raise UnavailableError("MongoDB has not confirmed a write on a majority of its members: it is tried again")
    errors = [error for error in details.get("writeErrors", ()) if error["code"] != DUPLICATE_KEY]
    if passing := {error["code"] for error in errors} - FAULTS_OF_A_DOCUMENT:
        raise UnavailableError(
            f"MongoDB does not take documents now (code {min(passing)}): if that does not pass, see its log and the "
            "rights of the user in GEOVELOCITY_MONGO_URL"
        )
    refusals = tuple(RejectedDocument(documents[error["index"]], f"code {error['code']}") for error in errors)
    stale = len(details.get("writeErrors", ())) - len(refusals)
    return WriteResult(len(documents) - stale - len(refusals), stale, refusals)


def _unavailable(error: PyMongoError) -> UnavailableError:
    # The driver's text can quote documents and addresses: only its kind is passed on.
    if _not_let_in(error):
        return UnavailableError("MongoDB does not let us in: check the user and password in GEOVELOCITY_MONGO_URL")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):  # the driver has no error of its own for it
        return UnavailableError(
            "MongoDB's certificate is not trusted: set GEOVELOCITY_MONGO_CA_FILE to that of whoever signed it"
        )
    return UnavailableError(
        f"MongoDB does not answer ({type(error).__name__}): start it (`make up`) or set GEOVELOCITY_MONGO_URL"
    )


def _not_let_in(error: PyMongoError) -> bool:
    return isinstance(error, OperationFailure) and error.code in NOT_LET_IN
