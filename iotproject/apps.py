from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "iotproject"

    def ready(self) -> None:
        from iotproject import checks  # noqa: F401  # registers them
