-- A unit is charged with what its own level owes, and never with what the levels above or its member units owe, whether
-- the item reads a rule or the indicator of one. A district that reports directly to its province (such as Shunde) owes
-- what a city owes as well.
with direct_districts as (
    select unit_code
    from {{ ref('dim_unit_current') }}
    where unit_level = 'district' and reporting_parent_code = province_code
),

lines as (
    select
        stage_code,
        unit_code,
        unit_level,
        rulebook_version,
        item_code,
        rule_id,
        indicator_code
    from {{ ref('fct_score_line') }}
    where score_kind = 'own' and indicator_code is not null
),

-- An indicator owes what any reading of a rule makes of it, in force or not.
duties as (
    select
        rulebook_version,
        rule_id,
        indicator_code,
        concat(', ', owed_by, ', ') as owed_by
    from {{ ref('rules') }}
),

judged as (
    select
        lines.stage_code,
        lines.unit_code,
        lines.item_code,
        min(duties.owed_by) as owed_by,
        max(case
            when
                duties.owed_by like concat('%, ', lines.unit_level, ', %')
                or (direct_districts.unit_code is not null and duties.owed_by like '%, city, %')
                then 1
            else 0
        end) as is_own
    from lines
    inner join duties
        on
            lines.rulebook_version = duties.rulebook_version
            and lines.indicator_code = duties.indicator_code
            and (lines.rule_id is null or lines.rule_id = duties.rule_id)
    left join direct_districts on lines.unit_code = direct_districts.unit_code
    group by lines.stage_code, lines.unit_code, lines.item_code
)

select
    stage_code,
    unit_code,
    item_code,
    owed_by
from judged
where is_own = 0
