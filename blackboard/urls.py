"""The blackboard in the API."""

from django.urls import path

from blackboard.api import BlackboardView, DrainView, PromoteView, UndrainView

urlpatterns = [
    path("blackboard", BlackboardView.as_view(), name="blackboard"),
    path("blackboard/promote", PromoteView.as_view(), name="promote"),
    path("blackboard/drain", DrainView.as_view(), name="drain"),
    path("blackboard/undrain", UndrainView.as_view(), name="undrain"),
]
