"""The account that a deploy job speaks to: whose it is, and where large templates go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.errors import MissingExtraError, ObskitError, of_aws

if TYPE_CHECKING:
    from collections.abc import Callable

    from obskit.deploy.model import Environment
    from obskit.deploy.publish.change_sets import Wanted


def session(what: str = "obskit deploy") -> Any:
    """
    Return boto3's session from the usual AWS configuration, for the command *what*.

    Raises:
        MissingExtraError: boto3 is not installed.
    """
    try:
        import boto3
    except ImportError as error:
        raise MissingExtraError("aws", what) from error
    return boto3.session.Session()


def check(session: Any, environment: Environment) -> None:
    """
    Refuse credentials of another account: they would make prod's alarms in dev.

    Raises:
        ObskitError: they are, or AWS does not say whose they are.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        account = session.client("sts", region_name=environment.primary).get_caller_identity().get("Account")
    except (BotoCoreError, ClientError) as error:
        raise ObskitError(f"AWS does not say who you are: {of_aws(error)}") from error
    if account is None:
        raise ObskitError("AWS does not say who you are: the answer has no Account")
    if account != environment.account:
        raise ObskitError(f"these credentials are of account {account}; {environment.name} is {environment.account}")


def _in_region(bucket: str, stack: Wanted) -> str:
    """Return what *bucket* is called where *stack* is; `{region}` in it stands for that."""
    return bucket.replace("{region}", stack.region)


def uploader(session: Any, bucket: str) -> Callable[[Wanted], str] | None:
    """Return what puts a template into *bucket*, that of its region, and returns its URL; None without a bucket."""

    def upload(wanted: Wanted) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        s3, here = session.client("s3", region_name=wanted.region), _in_region(bucket, wanted)
        key = f"obskit/{wanted.name}.template.json"
        try:
            s3.put_object(Bucket=here, Key=key, Body=wanted.template.encode(), ContentType="application/json")
        except (BotoCoreError, ClientError) as error:
            raise ObskitError(
                f"stack {wanted.name} in {wanted.region}: its template does not go up: {error}"
            ) from error
        return f"https://{here}.s3.{wanted.region}.amazonaws.com/{key}"

    return upload if bucket else None
