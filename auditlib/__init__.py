"""auditlib: the workbook in which a county audits the property of its village collectives (三资)."""

__version__ = "0.1.0"
