{{ config(materialized='view') }}

with

trainings as (
    select * from {{ ref('fct_training') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select
        rulebook_version,
        value_zh,
        max(case when class_code = 'training_audience' then 1 else 0 end) = 1 as is_trained_kind,
        max(case when class_code = 'incentive_audience' then 1 else 0 end) = 1 as is_incentive
    from {{ ref('code_classes') }}
    where code_list = 'training_audience'
    group by rulebook_version, value_zh
),

final as (
    select
        trainings.submission_id,
        trainings.unit_code,
        trainings.period,
        trainings.sheet,
        trainings.row,
        trainings.unit_code as subject_key,
        trainings.audience,
        trainings.headcount,
        coalesce(classes.is_trained_kind, false) as is_trained_kind,
        coalesce(classes.is_incentive, false) as is_incentive
    from trainings
    inner join periods on trainings.period = periods.period
    left join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and trainings.audience = classes.value_zh
)

select * from final
