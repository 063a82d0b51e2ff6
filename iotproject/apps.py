from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "iotproject"

    def ready(self) -> None:
        from iotproject import checks, complaints  # noqa: F401  # the checks register themselves

        complaints.count()
