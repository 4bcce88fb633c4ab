"""Dashboards on screen, along the way of their figures: what is asked, drawn, and put in place."""

from ui.viewmodels.dashboards.page import DashboardPage, dashboard_page, drawn_widget

__all__ = ["DashboardPage", "dashboard_page", "drawn_widget"]
