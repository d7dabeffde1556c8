{{ config(materialized='view') }}

with

profiles as (
    select * from {{ ref('fct_profile') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        profiles.submission_id,
        profiles.unit_code,
        profiles.period,
        profiles.sheet,
        profiles.row,
        profiles.unit_code as subject_key,
        true as is_stated,
        case when profiles.hub_contact_count > 0 then 1 else 0 end
        + case when profiles.hub_guidance_count > 0 then 1 else 0 end
        + case when profiles.hub_coordination_count > 0 then 1 else 0 end as hub_function_count,
        profiles.online_group_count,
        -- Figures as of a day after the end of the period are not old.
        case
            when profiles.counts_as_of >= periods.ends_on then 0
            else {{ days_between('profiles.counts_as_of', 'periods.ends_on') }}
        end as age_day_count
    from profiles
    inner join periods on profiles.period = periods.period
)

select * from final
