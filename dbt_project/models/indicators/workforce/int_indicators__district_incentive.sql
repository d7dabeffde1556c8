{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district' and {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

documents as (
    select
        unit_code,
        period,
        sum(case when is_incentive_measure then 1 else 0 end) as measure_count
    from {{ ref('int_document__mechanisms') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

staff as (
    select
        unit_code,
        period,
        count(distinct case when is_serving_incentive_person then person_key end) as person_count
    from {{ ref('int_staff__roles') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

street_figures as (
    select
        trainings.unit_code,
        trainings.period,
        trainings.street_code,
        trainings.is_reported,
        sum(case when trainings.is_incentive then trainings.headcount else 0 end) as incentive_count,
        max(staff.person_count) as person_count
    from {{ ref('int_district__incentives') }} as trainings
    left join staff
        on
            trainings.street_code = staff.unit_code
            and trainings.period = staff.period
    where {{ changed_periods_filter('trainings.period') }}
    group by trainings.unit_code, trainings.period, trainings.street_code, trainings.is_reported
),

streets as (
    select
        unit_code,
        period,
        count(*) as expected_count,
        sum(case when is_reported then 1 else 0 end) as reported_count,
        sum(incentive_count) as incentive_count,
        sum(person_count) as person_count
    from street_figures
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        case when roster.is_reported then cast(coalesce(documents.measure_count, 0) as decimal(18, 4)) end
            as district_incentive_measure_count,
        case
            when roster.is_reported then 'measured'
            when roster.deadline_at > build.known_at then 'not_due'
            else 'not_evaluated'
        end as district_incentive_measure_count__status,
        {{ percentage('streets.incentive_count', 'streets.person_count') }} as district_incentive_pct,
        -- The figures are those of the streets and hang on their reports, not on the one of the district.
        case
            when streets.expected_count is null then 'not_applicable'
            when streets.reported_count = 0 and roster.deadline_at > build.known_at then 'not_due'
            when coalesce(streets.person_count, 0) = 0 then 'not_evaluated'
            when streets.reported_count = streets.expected_count then 'measured'
            when roster.deadline_at > build.known_at then 'provisional'
            else 'incomplete'
        end as district_incentive_pct__status
    from roster
    cross join build
    left join documents
        on roster.unit_code = documents.unit_code and roster.period = documents.period
    left join streets
        on roster.unit_code = streets.unit_code and roster.period = streets.period
)

select * from final
