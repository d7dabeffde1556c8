with

compared as (
    select * from {{ ref('int_leader_attendance__compared') }}
),

units as (
    select * from {{ ref('int_unit__last_known') }}
),

states as (
    select * from {{ ref('crosscheck_states') }}
    where crosscheck = 'attendance'
),

cleared as (
    select
        compared.*,
        states.state_zh,
        states.remedy_zh,
        case
            when states.clear_by = 'street' then compared.street_code
            when states.clear_by = 'superior' then compared.superior_code
            when states.clear_by = 'missing_side' and compared.missing_side = 'street' then compared.street_code
            when states.clear_by = 'missing_side' and compared.missing_side = 'superior' then compared.superior_code
        end as clear_by_unit_code
    from compared
    inner join states on compared.state = states.state
),

final as (
    select
        cleared.street_code as unit_code,
        streets.unit_name,
        cleared.period,
        cleared.held_on,
        cleared.superior_code,
        superiors.unit_name as superior_name,
        cleared.visiting_leader_count,
        cleared.meeting_count,
        cleared.leader_present_count,
        cleared.state,
        cleared.state_zh,
        cleared.clear_by_unit_code,
        clearing.unit_name as clear_by_unit_name,
        cleared.remedy_zh,
        streets.district_code,
        streets.district_name,
        streets.city_code,
        streets.city_name,
        streets.province_code,
        streets.province_name
    from cleared
    left join units as streets on cleared.street_code = streets.unit_code
    left join units as superiors on cleared.superior_code = superiors.unit_code
    left join units as clearing on cleared.clear_by_unit_code = clearing.unit_code
)

select * from final
