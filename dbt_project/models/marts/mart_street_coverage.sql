with

coverage as (
    select * from {{ ref('int_street_coverage__by_district') }}
),

units as (
    select * from {{ ref('int_unit__last_known') }}
),

states as (
    select * from {{ ref('crosscheck_states') }}
    where crosscheck = 'coverage'
),

final as (
    select
        coverage.street_code as unit_code,
        streets.unit_name,
        coverage.period,
        coverage.district_committee_code,
        committees.unit_name as district_committee_name,
        coverage.linked_leader_count,
        coverage.state,
        states.state_zh,
        states.remedy_zh,
        streets.district_code,
        streets.district_name,
        streets.city_code,
        streets.city_name,
        streets.province_code,
        streets.province_name,
        case when states.clear_by = 'district' then coverage.district_committee_code end as clear_by_unit_code
    from coverage
    inner join states on coverage.state = states.state
    left join units as streets on coverage.street_code = streets.unit_code
    left join units as committees on coverage.district_committee_code = committees.unit_code
)

select * from final
