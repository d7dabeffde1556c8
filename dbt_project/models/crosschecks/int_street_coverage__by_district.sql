{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

districts as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district' and {{ changed_periods_filter('period') }}
),

ancestors as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

streets as (
    select * from {{ ref('dim_unit_current') }}
    where unit_level = 'street'
),

links as (
    select * from {{ ref('int_leader_link__classified') }}
    where is_street_link and {{ changed_periods_filter('period') }}
),

final as (
    select
        districts.unit_code as district_committee_code,
        streets.unit_code as street_code,
        districts.period,
        cast(count(distinct links.person_key) as integer) as linked_leader_count,
        case
            when not max(districts.is_reported) then 'one_side_not_reported'
            when count(links.person_key) > 0 then 'covered'
            else 'uncovered'
        end as state
    from districts
    inner join ancestors on districts.unit_code = ancestors.ancestor_code
    inner join streets on ancestors.unit_code = streets.unit_code
    left join links
        on
            districts.unit_code = links.unit_code
            and districts.period = links.period
            and streets.unit_code = links.target_code
    group by districts.unit_code, streets.unit_code, districts.period
)

select * from final
