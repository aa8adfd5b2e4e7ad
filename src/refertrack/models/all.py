"""Every table, for those who need them all: migrations, checks, exports."""

from refertrack.models import customers, follow_ups, journal, listening, referrals, sales
from refertrack.models.base import Base

__all__ = ["customers", "follow_ups", "journal", "listening", "metadata", "referrals", "sales"]

metadata = Base.metadata
