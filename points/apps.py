from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "points"
    verbose_name = "收费与积分"
