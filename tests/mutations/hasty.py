"""A plugin of pytest: hypothesis reports the first example that fails and does not look for a smaller one."""

from hypothesis import Phase, settings

settings.register_profile("hasty", phases=(Phase.explicit, Phase.generate), deadline=None, database=None)
settings.load_profile("hasty")
