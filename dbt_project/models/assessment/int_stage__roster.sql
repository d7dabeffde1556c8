{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
),

stages as (
    select * from {{ ref('stages') }}
),

staged as (
    select
        stages.stage_code,
        stages.rulebook_version,
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.batch_code,
        roster.unit_name,
        roster.district_code,
        roster.district_name,
        roster.city_code,
        roster.city_name,
        roster.province_code,
        roster.province_name,
        roster.state,
        roster.is_reported,
        row_number() over (
            partition by stages.stage_code, roster.unit_code order by roster.period desc
        ) as recency
    from roster
    inner join stages on roster.period between stages.first_period and stages.last_period
),

counted as (
    select
        stage_code,
        unit_code,
        count(*) as expected_count,
        sum(case when is_reported then 1 else 0 end) as reported_count,
        sum(case when state = 'on_time' then 1 else 0 end) as on_time_count,
        sum(case when state = 'late' then 1 else 0 end) as late_count,
        sum(case when state = 'nil' then 1 else 0 end) as nil_count,
        sum(case when state in ('missing', 'after_close') then 1 else 0 end) as missing_count,
        sum(case when state = 'rejected' then 1 else 0 end) as rejected_count,
        sum(case when state = 'not_due' then 1 else 0 end) as not_due_count,
        max(case when state <> 'not_due' then period end) as last_due_period,
        max(case when is_reported then period end) as last_reported_period
    from staged
    group by stage_code, unit_code
),

final as (
    select
        staged.stage_code,
        staged.rulebook_version,
        staged.unit_code,
        staged.unit_level,
        staged.batch_code,
        staged.unit_name,
        staged.district_code,
        staged.district_name,
        staged.city_code,
        staged.city_name,
        staged.province_code,
        staged.province_name,
        cast(counted.expected_count as integer) as expected_count,
        cast(counted.reported_count as integer) as reported_count,
        cast(counted.on_time_count as integer) as on_time_count,
        cast(counted.late_count as integer) as late_count,
        cast(counted.nil_count as integer) as nil_count,
        cast(counted.missing_count as integer) as missing_count,
        cast(counted.rejected_count as integer) as rejected_count,
        cast(counted.not_due_count as integer) as not_due_count,
        counted.last_due_period,
        counted.last_reported_period
    from staged
    inner join counted
        on staged.stage_code = counted.stage_code and staged.unit_code = counted.unit_code
    where staged.recency = 1
)

select * from final
