{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

-- Which rows the hook forgets is looked up there. depends_on: {{ ref('stages') }}

with

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

entrants as (
    select * from {{ ref('int_stage__entrant') }}
    where {{ changed_stages_filter('stage_code') }}
),

ancestors as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

-- Itself, what it reports to, and its province even when it has left the lists and reports to nobody any more.
above as (
    select
        stage_code,
        unit_code,
        unit_code as answering_unit_code
    from stage_units
    union
    select
        stage_units.stage_code,
        stage_units.unit_code,
        ancestors.ancestor_code as answering_unit_code
    from stage_units
    inner join ancestors on stage_units.unit_code = ancestors.unit_code
    union
    select
        stage_code,
        unit_code,
        province_code as answering_unit_code
    from stage_units
),

final as (
    select
        above.stage_code,
        above.unit_code,
        above.answering_unit_code,
        stage_units.unit_level as answering_level
    from above
    inner join stage_units
        on
            above.stage_code = stage_units.stage_code
            and above.answering_unit_code = stage_units.unit_code
    inner join entrants
        on
            above.stage_code = entrants.stage_code
            and above.unit_code = entrants.unit_code
    -- Nobody answers for a unit that is excused.
    where above.unit_code = above.answering_unit_code or not entrants.is_excused
)

select * from final
