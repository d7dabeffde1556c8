with staff_posts as (

    select
        person_key,
        period
    from {{ ref('fct_staff_post') }}

),

leaders as (

    select
        person_key,
        period
    from {{ ref('fct_leader') }}

),

named as (

    select * from staff_posts
    union all
    select * from leaders

),

final as (

    select
        person_key,
        min(period) as first_period,
        max(period) as last_period
    from named
    group by person_key

)

select * from final
