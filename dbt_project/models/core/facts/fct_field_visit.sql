with listed as (

    select * from {{ ref('stg_committee__field_visit') }}
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
        listed.person_key,
        listed.street_code,
        listed.visit_kind,
        listed.held_on
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
