-- Who has a document: every unit that has ever owed a report, all above it in the reporting tree, and the country.
-- path: from the country down to the unit itself.
create temp table document_unit as
with known as (
    select unit_code, unit_name, unit_level, reporting_parent_code
    from core.dim_unit
    qualify row_number() over (partition by unit_code order by valid_from desc) = 1
),
above as (
    select units.unit_code, bridge.ancestor_code, bridge.depth
    from core.bridge_unit_ancestor as bridge
    inner join known as units on bridge.unit_code = units.unit_code
    where bridge.tree = 'reporting'
),
taking_part as (
    select distinct ancestor_code as unit_code from above
    where unit_code in (select unit_code from marts.mart_submission_status)
),
way as (
    select
        above.unit_code,
        list({'code': known.unit_code, 'name': known.unit_name} order by above.depth desc) as ancestors
    from above
    inner join known on above.ancestor_code = known.unit_code
    where above.unit_code in (select unit_code from taking_part)
    group by above.unit_code
)
select
    known.unit_code,
    known.unit_name,
    known.unit_level,
    coalesce(known.reporting_parent_code, getvariable('country_code')) as parent_code,
    list_prepend({'code': getvariable('country_code'), 'name': getvariable('country_name')}, way.ancestors) as path
from way
inner join known using (unit_code)
union all
select
    getvariable('country_code'), getvariable('country_name'), 'country', null,
    [{'code': getvariable('country_code'), 'name': getvariable('country_name')}]
where exists (select 1 from taking_part);

-- A unit and each one above it, the country and itself among them.
create temp table document_above as
select unit_code, unnest(list_transform(path, lambda one: one.code)) as above_code
from document_unit;
