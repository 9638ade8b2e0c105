from staff.models import Department, Doctor, User
from staff.refusals import operation


@operation
def add_department(*, name: str) -> Department:
    """A department, or the one that has this name already."""
    return Department.objects.get_or_create(name=name)[0]


@operation
def add_doctor(
    *, staff_number: str, name: str, department: Department, user: User | None = None
) -> Doctor:
    """A doctor, known on receipts by `staff_number` (工号)."""
    return Doctor.objects.create(
        staff_number=staff_number, name=name, department=department, user=user
    )
