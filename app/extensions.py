"""The Flask extensions, made once and bound to the application in its factory."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_wtf import CSRFProtect

db = get_sqla_class()()
appbuilder = AppBuilder()
csrf = CSRFProtect()
