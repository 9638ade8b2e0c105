from django.contrib.auth.password_validation import MinimumLengthValidator


class LongEnough(MinimumLengthValidator):
    """Django's rule on length with its sentence in Chinese, which Django 5.2 lacks."""

    def get_error_message(self) -> str:
        return f"密码太短，至少 {self.min_length} 个字符。"
