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
        true as is_profile,
        -- Nobody at all is no count of people; no organisation at all can be one.
        coalesce(profiles.youth_count > 0, false) as is_youth_counted,
        coalesce(profiles.league_member_count > 0, false) as is_league_member_counted,
        coalesce(profiles.known_youth_org_count >= 0, false) as is_youth_org_counted,
        case
            when profiles.counts_as_of >= periods.ends_on then 0
            else {{ days_between('profiles.counts_as_of', 'periods.ends_on') }}
        end as age_day_count
    from profiles
    inner join periods on profiles.period = periods.period
)

select * from final
