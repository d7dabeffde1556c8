-- The unit and the way to it, from the country down; one row.
select unit_code, unit_name as name, unit_level as level, parent_code, path from document_unit
