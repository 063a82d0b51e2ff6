"""The blackboard in the API."""

from django.urls import path

from blackboard.api import BlackboardView

urlpatterns = [path("blackboard", BlackboardView.as_view(), name="blackboard")]
