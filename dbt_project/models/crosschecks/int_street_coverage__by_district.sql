{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

streets as (
    select * from {{ ref('int_committee__streets_of_period') }}
    where {{ changed_periods_filter('period') }}
),

links as (
    select * from {{ ref('int_leader_link__classified') }}
    where is_street_link and {{ changed_periods_filter('period') }}
),

final as (
    select
        streets.unit_code as district_committee_code,
        streets.street_code,
        streets.period,
        cast(count(distinct links.person_key) as integer) as linked_leader_count,
        case
            when not max(streets.is_reported) then 'one_side_not_reported'
            when count(links.person_key) > 0 then 'covered'
            when max(streets.is_nil) then 'one_side_nil'
            else 'uncovered'
        end as state
    from streets
    left join links
        on
            streets.unit_code = links.unit_code
            and streets.period = links.period
            and streets.street_code = links.target_code
    group by streets.unit_code, streets.street_code, streets.period
)

select * from final
