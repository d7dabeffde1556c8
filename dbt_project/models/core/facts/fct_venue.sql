with listed as (

    select * from {{ ref('stg_street__venue') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select submission_id
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

final as (

    select
        listed.submission_id,
        listed.unit_code,
        listed.period,
        listed.sheet,
        listed.row,
        listed.venue_name,
        listed.venue_kind,
        listed.build_mode,
        listed.area_m2,
        listed.weekly_open_hours,
        listed.is_open_to_all,
        listed.opened_on,
        listed.venue_status,
        listed.government_funds_cny,
        listed.social_funds_cny,
        listed.integrated_resources,
        listed.hosted_org_count,
        listed.visit_count,
        listed.migrant_visit_count,
        listed.graduate_visit_count,
        listed.idle_youth_visit_count,
        {{ thing_key('listed.unit_code', 'listed.venue_name') }} as venue_key
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
