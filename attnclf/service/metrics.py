"""Numbers for Prometheus, in a registry of their own: nothing else in the process is counted, and tests may have many."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from attnclf.service.logs import Told
from attnclf.service.model import Models

OTHER = "other"  # a path that is no route: its name is a stranger's
METHODS = {"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"}
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


class Metrics:
    """What is counted and measured of one service."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, models: Models) -> None:
        disable_created_metrics()  # when a counter began is of no use, and as many lines again
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        names = ("method", "path")
        self._requests = Counter("attnclf_requests", "Requests answered", [*names, "status"], registry=registry)
        self._seconds = Histogram(
            "attnclf_request_seconds", "Seconds a request took", names, buckets=SECONDS, registry=registry
        )
        self._texts = Counter("attnclf_texts", "Texts in requests that were answered", ["path"], registry=registry)
        self._batches = Histogram("attnclf_batch_texts", "Texts answered together", buckets=TEXTS, registry=registry)
        self._waiting = Gauge("attnclf_waiting_texts", "Texts that wait for the model", registry=registry)
        self.in_flight = Gauge("attnclf_requests_in_flight", "Requests that are being answered", registry=registry)
        takeovers = Gauge("attnclf_model_takeovers", "Models that took the place of another", registry=registry)
        takeovers.set_function(lambda: models.taken_over)
        rejected = Gauge("attnclf_model_rejected", "1 while a new model at the path cannot be used", registry=registry)
        rejected.set_function(lambda: models.rejected is not None)
        self._models = models
        self._model = Gauge("attnclf_model_info", "1 for the model that answers", ["name", "checksum"], registry=registry)

    def watch_waiting(self, waiting: Callable[[], int]) -> None:
        """Says what counts the texts that wait."""
        self._waiting.set_function(waiting)

    def batch(self, texts: int) -> None:
        """Counts a batch."""
        self._batches.observe(texts)

    def request(self, told: Told, method: str, status: int, seconds: float) -> None:
        """Counts a request."""
        path, method = told.route or OTHER, method if method in METHODS else OTHER
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)
        if told.texts and status < 400:
            self._texts.labels(path).inc(told.texts)

    def page(self) -> bytes:
        """Everything in the text format of Prometheus."""
        self._model.clear()
        self._model.labels(self._models.name, self._models.current.checksum).set(1)
        return bytes(generate_latest(self._registry))
