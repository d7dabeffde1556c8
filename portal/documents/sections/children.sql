-- Those that report to the unit.
select parent_code as unit_code, unit_code as code, unit_name as name, unit_level as level
from document_unit
where parent_code is not null
order by parent_code, code
