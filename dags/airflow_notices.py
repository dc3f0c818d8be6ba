"""Notices to people, through Airflow's notifiers: by mail and to a webhook.

Each way is a connection: `notice_mail` (smtp; its extra says `from_email` and `to`) and
`notice_webhook` (http; its host is the whole address, of which the path may be a secret). A way
without a connection is not used. What is sent is given to the notifiers as it is and never rendered
as a template: sources have written parts of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException
from airflow_settings import connection

if TYPE_CHECKING:
    from airflow.providers.http.notifications import HttpNotifier
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier
    from airflow.sdk import Connection

    from utpadan.digest import Message

MAIL, WEBHOOK = "notice_mail", "notice_webhook"
WAYS = (MAIL, WEBHOOK)


class NoticeFailed(RuntimeError):
    """A notice could not be sent; the message says by which connection and why."""


def send(way: str, message: Message) -> bool:
    """Send a message one way; whether that way is there. Raises NoticeFailed."""
    from airflow.sdk.exceptions import AirflowException
    from airflow.sdk.log import mask_secret

    found = connection(way)
    if found is None:
        return False
    mask_secret(_secret_path(found))
    try:
        _notifier(found, message).notify({})
    except (AirflowException, OSError, ValueError) as error:
        raise _failure(found, error) from None
    return True


def given_up(why: object, command: str) -> AirflowFailException:
    """The end of a task that another try would not mend: why, and the command that shows more."""
    return AirflowFailException(f"{why}\nMore: `{command}`, and docs/operate.md by these words")


def done_within(interval: timedelta) -> DeadlineAlert:
    """The deadline of a run that has ended well so long after it was queued, or else is told of."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=interval,
        callback=AsyncCallback(deadline_missed),
    )


async def deadline_missed(context: dict[str, Any]) -> str:
    """Say every way there is that a run is late; what a deadline calls, in the triggerer."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from utpadan.digest import late

    message = late(context)
    sent, failures = [], []
    for way in WAYS:
        try:
            found = await Connection.async_get(way)
        except AirflowNotFoundException:
            continue
        failure = await _send_soon(found, message)
        sent += [] if failure else [way]
        failures += [failure] if failure else []
    if failures:
        raise NoticeFailed("; ".join(failures))
    return f"sent by {' and '.join(sent) or 'no connection, as there is none'}"


async def _send_soon(found: Connection, message: Message) -> str | None:
    """Send without blocking the triggerer; returns why it failed."""
    from aiohttp import ClientError
    from aiosmtplib import SMTPException
    from airflow.sdk.exceptions import AirflowException
    from airflow.sdk.log import amask_secret

    await amask_secret(_secret_path(found))
    try:
        await _notifier(found, message).async_notify({})
    except (AirflowException, ClientError, SMTPException, OSError, ValueError) as error:
        return str(_failure(found, error))
    return None


def _notifier(found: Connection, message: Message) -> SmtpNotifier | HttpNotifier:
    from airflow.providers.http.notifications import HttpNotifier
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    if found.conn_id == WEBHOOK:
        words = {"subject": message.subject, "text": message.chat}
        return HttpNotifier(http_conn_id=WEBHOOK, json=words)
    extra = found.extra_dejson
    if not extra.get("to") or not extra.get("from_email"):
        raise ValueError("its extra must say `from_email` and `to`")
    return SmtpNotifier(
        to=extra["to"],
        from_email=extra["from_email"],
        subject=message.subject,
        html_content=message.html,
        smtp_conn_id=MAIL,
    )


def _failure(found: Connection, error: Exception) -> NoticeFailed:
    said = f"{type(error).__name__}: {error}"
    if path := _secret_path(found):
        said = said.replace(path, "/***")
    return NoticeFailed(f"no notice could be sent by the connection {found.conn_id}: {said}")


def _secret_path(found: Connection) -> str:
    """The path of a webhook's address, by which alone many of them are protected."""
    path = urlsplit(found.host or "").path if found.conn_id == WEBHOOK else ""
    return path if path != "/" else ""
